#!lua flags=allow-oom
--[[
  Have workers told again what is asked of their leases: the answer that told them could not be sent.

  KEYS[1]   {tag}m
  KEYS[2…]  {tag}j:<name>  one per lease, each once
  ARGV[1-3] now_ms, random, bounds
  ARGV[4…]  token          attempt (4 bytes) and nonce (8), one per lease

  Returns {"notified", how many}: those that no longer hold are passed over
  Complexity O(log notices) for each
]]
--- @include "lib/report"
local count = 0
for i = 2, #KEYS do
  local token = ARGV[i + 2]
  local rec = held(KEYS[i], sub(token, 1, 4), sub(token, 5, 12), "")
  if rec then
    notify(sub(KEYS[i], #P + 3), rec)
    count = count + 1
  end
end
commit()
return { "notified", num(count) }
