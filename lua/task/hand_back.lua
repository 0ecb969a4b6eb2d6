#!lua flags=allow-oom
--[[
  Give tasks back unworked. They go to the head of their lanes, the first named first; attempt number and dispatch
  time stay, and it counts as no attempt. Under a requested cancel the job is canceled.

  KEYS[1]   {tag}m
  KEYS[2…]  {tag}j:<name>  one per task, each once
  ARGV[1-3] now_ms, random, bounds
  ARGV[4…]  token          attempt (4 bytes) and nonce (8), one per task

  Returns {"handed_back", how many}: those whose lease no longer held are passed over
  Emits      b, or X
  Complexity O(log leased) for each
]]
--- @include "lib/report"
local count = 0
for i = #KEYS, 2, -1 do
  local token = ARGV[i + 2]
  local rec = held(KEYS[i], sub(token, 1, 4), sub(token, 5, 12), "")
  if rec then
    local name = sub(KEYS[i], #P + 3)
    leave_place(name, rec, true)
    count = count + 1
    if sub(rec, 10, 10) == "c" then
      keep_attempt(rec, "X", nil, "", "")
      close(name, rec, "X", "b", NO_OUTCOME, "-", with_flag(rec, FLAG_ATTEMPTS))
    else
      happened("b", sub(rec, 40, 43) .. sub(rec, 73, 80) .. name)
      put_back(name, rec, u6(rec, 44), "b", sub(rec, 40, 43), nil, true)
    end
  end
end
commit()
return { "handed_back", num(count) }
