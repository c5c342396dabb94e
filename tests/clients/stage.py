"""Extends the schema of `tests.support.live` with files. The product itself does not have these features yet."""

from typing import cast

import strawberry
from starlette.datastructures import UploadFile
from strawberry.file_uploads import Upload
from strawberry.schema.config import StrawberryConfig

from engine.for_strawberry import StrawberryExecutor
from tests.support import live


@strawberry.type
class Mutation(live.Mutation):
    @strawberry.mutation
    async def send(self, file: Upload) -> str:
        sent = cast("UploadFile", file)
        return f"{sent.filename}: {(await sent.read()).decode()}"


def stage_schema() -> strawberry.Schema:
    return strawberry.Schema(
        live.Query,
        Mutation,
        live.Subscription,
        config=StrawberryConfig(enable_experimental_incremental_execution=True),
        execution_context_class=StrawberryExecutor,
    )
