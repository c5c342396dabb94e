-- Script of wrk: sends money between random users, each time with a new key, and checks every response.
-- wrk … -- QUERY PEOPLE PREFIX HOT: a file with the query in JSON, a file with a token and a user's global id per line, a
-- prefix of the keys, and the place of the user who receives everything, or 0 if the recipients are random.

local people, number = {}, 0
local query, prefix, hot
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  local file = assert(io.open(args[1]))
  query = file:read("*a")
  file:close()
  for line in io.lines(args[2]) do
    local token, id = line:match("(%S+) (%S+)")
    local headers = {
      ["Content-Type"] = "application/json",
      ["Accept"] = "application/json",
      ["Authorization"] = "Bearer " .. token,
    }
    table.insert(people, { headers = headers, id = id })
  end
  prefix = args[3]
  hot = tonumber(args[4])
  math.randomseed(os.time())
  failures = 0
end

local function other(than)
  local place = math.random(#people - 1)
  return place >= than and place + 1 or place
end

function request()
  local recipient = hot > 0 and hot or math.random(#people)
  local sender = people[other(recipient)]
  number = number + 1
  local body = string.format(
    '{"operationName":"SendPayment","query":%s,"variables":{"input":{"recipientId":"%s","amount":{"minorUnits":"%d",'
      .. '"currency":"EUR"},"idempotencyKey":"%s-%d"}}}',
    query, people[recipient].id, math.random(1000), prefix, number
  )
  return wrk.format("POST", nil, sender.headers, body)
end

function response(status, _, body)
  if status ~= 200 or not body:find('"__typename":"SendPaymentSuccess"', 1, true)
    or not body:find('"replayed":false', 1, true) then
    failures = failures + 1
    if failures == 1 then
      io.stderr:write(body:sub(1, 300) .. "\n")
    end
  end
end

function done(summary, latency)
  local failed = 0
  for _, thread in ipairs(threads) do
    failed = failed + thread:get("failures")
  end
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests": %d, "microseconds": %d, "p50": %d, "p99": %d, "failed": %d, "lost": %d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), failed,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout
  ))
end
