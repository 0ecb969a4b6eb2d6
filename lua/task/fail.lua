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
            token         attempt (4 bytes) and nonce (8), and "+" to be answered with q and worker
            type          of the failure
            how           "n" = non-retryable, "d" .. ms = the delay until the next attempt, else ""
            failure       packed
            details       of a last heartbeat that comes with it, "" = none does
            response      what the receiver answered, packed, or ""
  then      the leases asked for, see lib/leases.lua

  Returns {"failed", now_ms, [report, …], [lease, …], [told, …]}, each report
    {"ok", state, run_id, dispatch_at_ms, q, worker}   state S or W: tried again at dispatch_at; P: paused; F: closed as failed;
                                                       q and worker where asked for
    {"lost"}                                           the attempt is over, closed or deleted
  Emits      r, q or F
  Complexity O(log timers) for each
]]
--- @include "lib/report"
--- @include "lib/retry"
--- @include "lib/heartbeat"
--- @include "lib/leases"
local replies = {}
local count = tonumber(ARGV[7])
for i = 1, count do
  local key, a = KEYS[i + 1], 8 + 6 * (i - 1)
  local token, ftype, how, failure = ARGV[a], ARGV[a + 1], ARGV[a + 2], ARGV[a + 3]
  local details, response = ARGV[a + 4], ARGV[a + 5]
  local name = sub(key, #P + 3)
  local rec, before = held(key, sub(token, 1, 4), sub(token, 5, 12), "f")
  if rec then
    local delay = string.match(how, "^d(%d+)$")
    if details ~= "" then
      rec = after_beat(rec, details)
    end
    end_attempt(name, rec, "F", ftype, how == "n", tonumber(delay), failure, response, true)
    replies[i] = standing("ok", call("GET", key), name, token, rec)
  else
    replies[i] = before and standing("ok", before, name, token) or { "lost" }
  end
end
commit(true)
return { "failed", num(now), replies, lease_all(8 + 6 * count) }
