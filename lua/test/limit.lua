--[[
  A limit on its own, through calls at given moments.

  KEYS[1]   {tag}m
  ARGV[1-3] now_ms, random, bounds
  ARGV[4…]  by fours: ms to the call before (less than 0: the clock went back; "" = as long as that was told to wait), how
            many tokens it asks for, the rate in millionths of a token per second, the burst in tokens or "" for one
            second's worth

  Returns {given, wait_ms, …}, what each call was given and how long until the next token then
]]
--- @include "lib/step"
local kept, answers = false, {}
for i = 4, #ARGV, 4 do
  now = now + (tonumber(ARGV[i]) or answers[#answers] or 0)
  local limit = open_limit(kept, tonumber(ARGV[i + 2]), tonumber(ARGV[i + 3]))
  local given = math.min(tonumber(ARGV[i + 1]), limit_room(limit))
  limit_take(limit, given)
  kept = keep_limit(limit) or kept
  answers[#answers + 1], answers[#answers + 2] = given, limit_wait(limit)
end
return answers
