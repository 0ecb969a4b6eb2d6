#!lua flags=allow-oom
--[[
  Fail tasks: each is tried again or closed as its retry policy says (lib/retry.lua), and the next tasks are
  leased in the same step.

  Only while the lease of the token holds; the repetition of the report that ended the attempt is answered as
  the first time, until the next attempt starts.

  KEYS[1]   {tag}m
  KEYS[2…]  {tag}j:<name>  one per report, each once
  ARGV[1-6] now_ms, random, bounds, node, loop, nonce of the leases asked for
  ARGV[7]   how many reports, then for each
            token         attempt (4 bytes) and nonce (8)
            type          of the failure
            how           "n" = non-retryable, "d" .. ms = the delay until the next attempt, else ""
            failure       packed
            response      what the receiver answered, packed, or ""
  then      the leases asked for, see lib/leases.lua

  Returns {"failed", now_ms, [report, …], [lease, …]}, each report
    {"ok", state, run_id, dispatch_at_ms}   state S or W: tried again at dispatch_at; F: closed as failed
    {"lost"}                                the attempt is over, closed or deleted
  Emits      r or F
  Complexity O(log timers) for each
]]
--- @include "lib/report"
--- @include "lib/retry"
--- @include "lib/leases"
local replies = {}
local count = tonumber(ARGV[7])
for i = 1, count do
  local key, a = KEYS[i + 1], 8 + 5 * (i - 1)
  local token, ftype, how, failure, response = ARGV[a], ARGV[a + 1], ARGV[a + 2], ARGV[a + 3], ARGV[a + 4]
  local rec, before = held(key, sub(token, 1, 4), sub(token, 5, 12), "f")
  if rec then
    local delay = string.match(how, "^d(%d+)$")
    end_attempt(sub(key, #P + 3), rec, "F", ftype, how == "n", tonumber(delay), failure, response, true)
    replies[i] = standing("ok", call("GETRANGE", key, 0, 127))
  else
    replies[i] = before and standing("ok", before) or { "lost" }
  end
end
commit(true)
return { "failed", num(now), replies, lease_all(8 + 5 * count) }
