-- Script of wrk: posts a body for each user of a list in turn, and checks every response.
-- wrk … -- BODIES TOKENS TEXT: files with one body and one access token per line, and a text of each response. The
-- bodies are sent in turn.

local requests, place, failed = {}, 0, 0
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  local bodies = {}
  for body in io.lines(args[1]) do
    table.insert(bodies, body)
  end
  expected = args[3]
  for token in io.lines(args[2]) do
    local headers = {
      ["Content-Type"] = "application/json",
      ["Accept"] = "application/json",
      ["Authorization"] = "Bearer " .. token,
    }
    table.insert(requests, wrk.format("POST", nil, headers, bodies[#requests % #bodies + 1]))
  end
  failures = 0
end

function request()
  place = place % #requests + 1
  return requests[place]
end

function response(status, _, body)
  if status ~= 200 or body:find('"errors":', 1, true) or not body:find(expected, 1, true) then
    failures = failures + 1
  end
end

function done(summary, latency)
  for _, thread in ipairs(threads) do
    failed = failed + thread:get("failures")
  end
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests": %d, "microseconds": %d, "bytes": %d, "p50": %d, "p99": %d, "failed": %d, "lost": %d}\n',
    summary.requests, summary.duration, summary.bytes, latency:percentile(50), latency:percentile(99), failed,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout
  ))
end
