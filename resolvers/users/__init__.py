"""People, sessions and devices: who is signed in, and what changes that."""

from resolvers.users.account import AccountMutations
from resolvers.users.privacy import LeavingMutations, LeavingOfViewer
from resolvers.users.sign_in import SignInMutations
from resolvers.users.viewer import UsersOfViewer, UsersQuery

__all__ = ["AccountMutations", "LeavingMutations", "LeavingOfViewer", "SignInMutations", "UsersOfViewer", "UsersQuery"]
