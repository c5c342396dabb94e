"""The mutations and queries that the clients send."""

_PAYMENT = "id status amount { minorUnits currency }"
_PROBLEM = "... on Problem { code field message }"

DOCUMENTS = {
    "SignUp": "mutation SignUp($input: SignUpInput!) { signUp(input: $input) { __typename ... on SignUpSuccess "
    f"{{ user {{ id }} }} {_PROBLEM} }} }}",
    "AddPaymentMethod": "mutation AddPaymentMethod($input: AddPaymentMethodInput!) { addPaymentMethod(input: $input) "
    f"{{ __typename ... on AddPaymentMethodSuccess {{ paymentMethod {{ id }} }} {_PROBLEM} }} }}",
    "TopUpWallet": "mutation TopUpWallet($input: TopUpWalletInput!) { topUpWallet(input: $input) { __typename "
    f"... on TopUpWalletSuccess {{ replayed payment {{ {_PAYMENT} confirmation {{ url clientSecret }} }} }} "
    f"{_PROBLEM} }} }}",
    "SendPayment": "mutation SendPayment($input: SendPaymentInput!) { sendPayment(input: $input) { __typename "
    f"... on SendPaymentSuccess {{ replayed payment {{ {_PAYMENT} }} }} {_PROBLEM} }} }}",
    "RefundPayment": "mutation RefundPayment($input: RefundPaymentInput!) { refundPayment(input: $input) { __typename "
    f"... on RefundPaymentSuccess {{ replayed payment {{ id }} refund {{ {_PAYMENT} }} }} {_PROBLEM} }} }}",
    "WalletScreen": "query WalletScreen { viewer { id wallet { available { minorUnits } pending { minorUnits } "
    "entries(first: 50) { edges { node { id amount { minorUnits } balanceAfter { minorUnits } } } } } } }",
}


def field_of(name: str) -> str:
    """Returns the root field of a mutation."""
    return name[0].lower() + name[1:]


def body_of(name: str, sent: dict[str, object] | None = None) -> dict[str, object]:
    """Returns the body of a request."""
    return {"query": DOCUMENTS[name], "operationName": name, "variables": {} if sent is None else {"input": sent}}
