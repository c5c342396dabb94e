"""Resolvers of users, sessions and devices, and their mutations."""

from resolvers.users.account import AccountMutations
from resolvers.users.privacy import LeavingMutations, LeavingOfViewer
from resolvers.users.sign_in import SignInMutations
from resolvers.users.viewer import UsersOfViewer, UsersQuery

__all__ = ["AccountMutations", "LeavingMutations", "LeavingOfViewer", "SignInMutations", "UsersOfViewer", "UsersQuery"]
