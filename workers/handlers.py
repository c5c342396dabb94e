"""The handler of each kind of job."""

from services.feed.rebuild import rebuild_feed
from services.jobs.job import Handlers
from services.maintenance.retention import forget_old
from services.notifications import announce_growth, deliver_notification, send_digest
from services.payments.detaching import detach_card
from services.payments.differences import reconcile_hour, reconcile_payments
from services.payments.settlement_job import settle_payments
from services.search import index_words
from services.users.erasure import erase_account, erase_leftovers
from services.users.exports import export_data

HANDLERS: Handlers = {
    "announce_growth": announce_growth,
    "deliver_notification": deliver_notification,
    "detach_card": detach_card,
    "erase_account": erase_account,
    "erase_leftovers": erase_leftovers,
    "export_data": export_data,
    "forget_old": forget_old,
    "index_words": index_words,
    "rebuild_feed": rebuild_feed,
    "reconcile_hour": reconcile_hour,
    "reconcile_payments": reconcile_payments,
    "send_digest": send_digest,
    "settle_payments": settle_payments,
}
