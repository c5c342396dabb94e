PYTHON ?= python3
BIN := .venv/bin

EXAMPLES ?= 100000
EVENTS ?= 20000
KILLS ?= 100
SOCKETS ?= 1000
ROUNDS ?= 10000
LIVE_EVENTS ?= 50000
LIVE_KILLS ?= 60
SECONDS ?= 3600
CACHE_READS ?= 100000
CACHE_KILLS ?= 40
BANK_CLIENTS ?= 16
BANK_KILLS ?= 100
BANK_CUTS ?= 50
BANK_CRASHES ?= 10
DELIVERY_PEOPLE ?= 5000
DELIVERY_KILLS ?= 50
HISTORIES ?= 500
CASES ?= 50000
SEED ?= 1
SEEDS ?= 5

# The newest version of each app. Its manifest is written once: installed apps keep sending the operations in it.
# Changed operations need a new version here.
IOS := 4.5.0
ANDROID := 4.5.0
WEB := 1.3.0

# $(call write,COMMAND,FILE): if the command fails, the file is unchanged.
write = $(1) > $(2).new || { rm -f $(2).new; exit 1; }; mv $(2).new $(2)

HAS_NODE := npm --version >/dev/null 2>&1 && node -e 'process.exit(+(parseInt(process.versions.node) < 20))' 2>/dev/null

.PHONY: $(shell grep -oE "^[a-z-]+:" $(firstword $(MAKEFILE_LIST)) | tr -d :)

help: ## List the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

setup: .venv/dev ## Create .venv with everything for running, testing and linting

.venv/run: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed; say which with PYTHON=…")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

.venv/dev: .venv/run requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

deploy-tools: .venv/deploy ## Install the tools that validate the files of deploy/ (370 MB)

.venv/deploy: .venv/dev requirements-deploy.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-deploy.txt
	@touch $@

dev: .venv/run ## Serve a seeded backend on SQLite, with the worker, at 127.0.0.1:$PORT (8000)
	@$(BIN)/bff dev

test: lint clients ## Lint, check types and test, on every engine that is reachable
	$(BIN)/python -m tests.support.with_postgres $(BIN)/pytest -n auto

differential: .venv/dev ## Compare the engine with graphql-core on EXAMPLES (100000) generated requests; writes bench/results/
	$(BIN)/python -m tests.engine.support.campaign --examples $(EXAMPLES)

campaign-relay: .venv/dev ## Project EVENTS (20000) of 50 writers while the worker is killed, on both databases; writes bench/results/
	$(BIN)/python -m tests.relay.support.campaign --events $(EVENTS)

lint: .venv/dev lint-schema ## Lint, check types, and check which shipped apps a schema change breaks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/pyright
	$(BIN)/bff schema check --if-base --lint all=error

lint-schema: ## Lint schema.graphql with relay-compiler and graphql-eslint, if Node is installed
	@if $(HAS_NODE); \
	then $(MAKE) --no-print-directory schema-checks; \
	else echo "schema checks skipped: Node 20 or later is not installed"; test -z "$$TEST_REQUIRE_NODE"; fi

schema-checks: web/schema-checks/node_modules/.package-lock.json
	cd web/schema-checks && npm run --silent lint
	cd web/schema-checks && npm run --silent relay

web/schema-checks/node_modules/.package-lock.json: web/schema-checks/package-lock.json
	cd web/schema-checks && npm ci --loglevel=error
	@touch $@

clients: ## Install the clients that tests run on Node, if Node is installed
	@if $(HAS_NODE); \
	then $(MAKE) --no-print-directory web/clients/node_modules/.package-lock.json web/live-client/node_modules/.package-lock.json bench/peers/graphql-ws/node_modules/.package-lock.json; \
	else echo "clients skipped: Node 20 or later is not installed"; test -z "$$TEST_REQUIRE_NODE"; fi

clients-page: .venv/dev clients ## Test the clients, and write docs/clients.md from the tests that pass
	$(BIN)/python -m tests.clients.page

web/clients/node_modules/.package-lock.json: web/clients/package-lock.json
	cd web/clients && npm ci --loglevel=error
	@touch $@

web/live-client/node_modules/.package-lock.json: web/live-client/package-lock.json
	cd web/live-client && npm ci --loglevel=error
	@touch $@

plans: .venv/dev ## Print PostgreSQL's plans and times for every query of the apps, with 20,000 users
	PLANS_PEOPLE=20000 PLANS_ROUNDS=30 $(BIN)/pytest -s tests/house/test_plans.py

bench-engine: .venv/dev ## Compare the engine with graphql-core's executor and plain Python; writes bench/results/
	$(BIN)/python -m bench.engine
	$(BIN)/python -m bench.engine --documents 10000

bench-gateway: .venv/run ## Measure the parts of the gateway for a known operation; writes bench/results/
	$(BIN)/python -m bench.gateway

bench-home: .venv/run bench/peers/mercurius/node_modules/.package-lock.json ## Measure the home screen beside Mercurius; BENCH="growth --rounds 1" selects a case
	$(BIN)/python -m bench.home $(BENCH)

bench-floor: .venv/run bench/peers/mercurius/node_modules/.package-lock.json bench/peers/yoga-cached/node_modules/.package-lock.json ## Measure operations of different sizes beside Mercurius, Yoga and bare uvicorn; BENCH="--operations home" gives options
	$(BIN)/python -m bench.floor $(BENCH)

bench-earlier: .venv/run ## Measure the home screen beside an earlier revision: REVISION=<commit>
	$(BIN)/python -m bench.earlier $(REVISION) $(BENCH)

bench-profile: .venv/run ## Measure where the time of one home screen goes in our server
	$(BIN)/python -m bench.home --profile $(BENCH)

bench/peers/mercurius/node_modules/.package-lock.json: bench/peers/mercurius/package-lock.json
	cd bench/peers/mercurius && npm ci --loglevel=error
	@touch $@

campaign-log: .venv/dev ## Kill server, workers and PostgreSQL, KILLS (100) times, with 20 clients; writes bench/results/
	$(BIN)/python -m tests.campaign.support.campaign --kills $(KILLS)

campaign-live: .venv/dev ## Follow with 1,000 WebSockets while servers, workers and Redis are killed; writes bench/results/
	$(BIN)/python -m tests.live.support.campaign --sockets $(SOCKETS) --events $(LIVE_EVENTS) --kills $(LIVE_KILLS) --seconds $(SECONDS) --seed $(SEED)

campaign-live-cursors: .venv/dev ## Read, and subscribe after the cursor, ROUNDS (10000) times while others write; writes bench/results/
	$(BIN)/python -m tests.live.support.cursor_rounds --rounds $(ROUNDS) --seed $(SEED)

campaign-cache: .venv/dev ## Check CACHE_READS (100000) responses of each cache while processes are killed; writes bench/results/
	$(BIN)/python -m tests.response_cache.support.campaign --reads $(CACHE_READS) --kills $(CACHE_KILLS) --seed $(SEED)

campaign-bank: .venv/dev ## Move money with BANK_CLIENTS (16) clients while processes and databases fail; writes bench/results/
	$(BIN)/python -m tests.payments.support.campaign --clients $(BANK_CLIENTS) --kills $(BANK_KILLS) --cuts $(BANK_CUTS) --crashes $(BANK_CRASHES) --seed $(SEED)

campaign-delivery: .venv/dev ## Deliver two messages to each of DELIVERY_PEOPLE (5000) users while workers are killed; writes bench/results/
	$(BIN)/python -m tests.notifications.support.campaign.campaign --people $(DELIVERY_PEOPLE) --kills $(DELIVERY_KILLS) --seed $(SEED)

campaign-anomalies: .venv/dev ## Replay synthetic days of SEEDS (5) seeds through the anomaly rules; writes bench/results/
	$(BIN)/python -m tests.watching.support.campaign --seeds $(SEEDS)

image: .venv/dev ## Build the image with buildah, run it with podman, and write its size and start to bench/results/
	$(BIN)/python -m tests.deploy.support.image $(IMAGE_OPTIONS)

rolling: .venv/dev ## Restart and kill servers behind HAProxy at 70% of their capacity; writes bench/results/
	$(BIN)/python -m tests.deploy.support.rolling $(ROLLING_OPTIONS)

drill: .venv/dev ## Kill servers, databases and Redis nodes, fill disks, restore a backup; writes bench/results/; DRILL="--only primary" selects
	$(BIN)/python -m tests.drills.support.drill $(DRILL)

campaign-inbox: .venv/dev ## Compare counts of inboxes with recounts in HISTORIES (500) random histories on each database
	INBOX_HISTORIES=$(HISTORIES) $(BIN)/python -m tests.support.with_postgres $(BIN)/pytest tests/notifications/test_counts.py

bench-relay: .venv/run ## Measure the time from publishing a post to a follower's feed; writes bench/results/
	$(BIN)/python -m bench.relay

bench-delivery: .venv/run ## Measure the time from a comment to its push notification at the provider; writes bench/results/
	$(BIN)/python -m bench.delivery $(BENCH)

bench-inbox: .venv/run ## Measure inbox, counts and marks of a user with a million notifications; writes bench/results/
	$(BIN)/python -m bench.inbox $(BENCH)

bench-partitions: .venv/run ## Measure statements, retention and apply with partitioned tables; writes bench/results/
	$(BIN)/python -m bench.partitions $(BENCH)

bench-protection: .venv/run ## Measure what limits and metrics cost a request; writes bench/results/
	$(BIN)/python -m bench.protection $(BENCH)

bench-redis-gone: .venv/run ## Measure requests while Redis is killed, stopped or blackholed; writes bench/results/
	$(BIN)/python -m bench.redis_gone

bench-revocation: .venv/run ## Measure the time until another process rejects a signed-out device; writes bench/results/
	$(BIN)/python -m bench.revocation

bench-accounts: .venv/run ## Measure other requests during sign-ins and key rotation; writes bench/results/
	$(BIN)/python -m bench.accounts $(BENCH)

bench-fan-out: .venv/run ## Measure how many posts the relay fans out, and the cost of a popular author; writes bench/results/
	$(BIN)/python -m bench.fanout $(BENCH)

bench-erasure: .venv/run ## Measure delays of posts while a popular account is erased; writes bench/results/
	$(BIN)/python -m bench.erasure $(BENCH)

bench-live: .venv/run bench/peers/graphql-ws/node_modules/.package-lock.json ## Measure live updates beside graphql-ws on Node and bare ASGI; BENCH="idle --rounds 1" selects a case
	$(BIN)/python -m bench.live $(BENCH)

bench/peers/graphql-ws/node_modules/.package-lock.json: bench/peers/graphql-ws/package-lock.json
	cd bench/peers/graphql-ws && npm ci --loglevel=error
	@touch $@

bench-cached: .venv/run bench/peers/mercurius/node_modules/.package-lock.json bench/peers/apollo-cached/node_modules/.package-lock.json bench/peers/yoga-cached/node_modules/.package-lock.json ## Measure the cached home screen beside Apollo Server and GraphQL Yoga; BENCH="--rounds 1" gives options
	$(BIN)/python -m bench.cached $(BENCH)

bench/peers/apollo-cached/node_modules/.package-lock.json: bench/peers/apollo-cached/package-lock.json
	cd bench/peers/apollo-cached && npm ci --loglevel=error
	@touch $@

bench/peers/yoga-cached/node_modules/.package-lock.json: bench/peers/yoga-cached/package-lock.json
	cd bench/peers/yoga-cached && npm ci --loglevel=error
	@touch $@

bench-cache-mix: .venv/run ## Measure 95% reads and 5% writes with the response cache and without; BENCH="--minutes 2" gives options
	$(BIN)/python -m bench.cache_mix $(BENCH)

bench-payments-isolation: .venv/run ## Measure the home screen while 100 top-ups wait for a provider that hangs; writes bench/results/
	$(BIN)/python -m bench.payments_isolation $(BENCH)

bench-isolation: .venv/run ## Measure the other features while each feature hangs in turn; writes bench/results/
	$(BIN)/python -m bench.isolation $(BENCH)

bench-cancelling: .venv/dev ## Measure what statements cost whose clients have left; writes bench/results/
	$(BIN)/python -m bench.cancelling $(BENCH)

bench-overload: .venv/run ## Measure four times the load that a server can carry, with the limit of executions and without; writes bench/results/
	$(BIN)/python -m bench.overload $(BENCH)

bench-transfers: .venv/run ## Measure transfers between wallets beside hand-written SQL; BENCH="--rounds 1" gives options
	$(BIN)/python -m bench.transfers $(BENCH)

bench-start: .venv/run ## Measure the CPU that the start of a server takes; writes bench/results/
	$(BIN)/python -m bench.starting $(BENCH)

bench-tracing: .venv/dev ## Measure what traces cost, with 10% of requests sampled and with all; BENCH="--rounds 2" gives options
	$(BIN)/python -m bench.tracing $(BENCH)

bench-documents: .venv/run ## Measure what new documents cost other requests; writes bench/results/
	$(BIN)/python -m bench.documents $(BENCH)

hostile: .venv/dev ## Measure rejections of hostile requests, and other requests meanwhile; writes bench/results/
	$(BIN)/python -m tests.gateway.security.hostile.measure

fuzz: .venv/dev ## Send CASES (50000) requests that schemathesis generates, with SEED (1), on both databases; writes bench/results/
	$(BIN)/python -m tests.gateway.fuzzing.campaign --cases $(CASES) --seed $(SEED)

bench-schema-check: .venv/run ## Measure the schema check with a large schema and with ours; writes bench/results/
	$(BIN)/python -m bench.schema_check

generated: .venv/dev ## Write generated files: schema.graphql, docs/settings.md, docs/operation-costs.md, manifests of operations, example responses, dashboards
	$(call write,$(BIN)/bff schema export,schema.graphql)
	$(call write,$(BIN)/python -m core.settings.page,docs/settings.md)
	$(call write,$(BIN)/python -m core.settings.json_schema deploy/helm/bff/values.schema.json,deploy/helm/bff/values.schema.json)
	$(call write,$(BIN)/python -m tests.support.cost_table,docs/operation-costs.md)
	$(BIN)/python -m tests.support.golden
	$(BIN)/python -m tests.support.dashboard_files
	$(BIN)/python -m schema_check.manifests apollo schema-operations/*.graphql --output schema-operations/ios/$(IOS).json
	$(BIN)/python -m schema_check.manifests apollo schema-operations/*.graphql --output schema-operations/android/$(ANDROID).json
	$(BIN)/python -m schema_check.manifests ids schema-operations/*.graphql --output schema-operations/web/$(WEB).json

deploy-generated: .venv/deploy ## Write the base for Kustomize from the Helm chart
	$(BIN)/python -m tests.support.kustomize_base

graphiql: ## Build the browser page of /graphql from web/graphiql (needs Node 20.19 or later)
	cd web/graphiql && npm ci && npm run build

requirements: .venv/dev ## Pin the dependencies of pyproject.toml again
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --upgrade pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --upgrade --group otel -c requirements.txt -o requirements-otel.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --upgrade --group dev -c requirements.txt -c requirements-otel.txt -o requirements-dev.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --upgrade --group deploy -c requirements-dev.txt -o requirements-deploy.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --upgrade --group sbom -o requirements-sbom.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --upgrade --group queue -c requirements.txt -c requirements-otel.txt -c requirements-dev.txt -o requirements-queue.txt
