#!lua flags=allow-oom
--[[
  End attempts whose cancellation was requested, and their jobs with them, and lease the next tasks in the same step.

  Only while the lease of the token holds; the repetition of the report that canceled the job is answered as the
  first time.

  KEYS[1]   {tag}m
  KEYS[2…]  {tag}j:<name>  one per report, each once
  ARGV[1-6] now_ms, random, bounds, node, loop, nonce of the leases asked for
  ARGV[7]   how many reports, then for each
            token         attempt (4 bytes) and nonce (8), and "+" to be answered with q and worker
            details       "-" = none, else "=" and the details' bytes
  then      the leases asked for, see lib/leases.lua

  Returns {"canceled", now_ms, [report, …], [lease, …], [told, …]}, each report
    {"ok", state, run_id, dispatch_at_ms, q, worker}   closed as canceled (now, or by this report before); q and
                                                       worker where asked for
    {"invalid", state}                                 nobody has asked for that
    {"lost"}                                           the attempt is over, closed or deleted
  Emits      X
  Complexity O(log leased) for each
]]
--- @include "lib/report"
--- @include "lib/leases"
local replies = {}
local count = tonumber(ARGV[7])
for i = 1, count do
  local key, a = KEYS[i + 1], 8 + 2 * (i - 1)
  local token, details = ARGV[a], ARGV[a + 1]
  local name = sub(key, #P + 3)
  local rec, before = held(key, sub(token, 1, 4), sub(token, 5, 12), "x")
  if not rec then
    replies[i] = before and standing("ok", before, name, token) or { "lost" }
  elseif sub(rec, 10, 10) ~= "c" then
    replies[i] = { "invalid", sub(rec, 10, 10) }
  else
    leave_place(name, rec, true)
    keep_attempt(rec, "X", nil, "", "")
    close(name, rec, "X", "x", keep_outcome(sub(rec, 73, 80), details), "-", with_flag(rec, FLAG_ATTEMPTS))
    replies[i] = standing("ok", call("GET", key), name, token)
  end
end
commit(true)
return { "canceled", num(now), replies, lease_all(8 + 2 * count) }
