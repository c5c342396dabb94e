"""Resolvers of users, sessions and devices, and their mutations."""

from resolvers.users.account import AccountMutations
from resolvers.users.privacy import PrivacyMutations, PrivacyViewerFields
from resolvers.users.sign_in import SignInMutations
from resolvers.users.viewer import UsersQuery, UsersViewerFields

__all__ = [
    "AccountMutations",
    "PrivacyMutations",
    "PrivacyViewerFields",
    "SignInMutations",
    "UsersQuery",
    "UsersViewerFields",
]
