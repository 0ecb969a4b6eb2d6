--[[
  A limit on its own, through calls at given moments.

  KEYS[1]   {tag}m
  ARGV[1-3] now_ms, random, bounds
  ARGV[4]   rate, in millionths of a token per second
  ARGV[5…]  by twos: ms to the call before, how many tokens it asks for

  Returns {given, wait_ms, …}, what each call was given and how long until the next token then
]]
--- @include "lib/step"
local kept, rate, answers = false, tonumber(ARGV[4]), {}
for i = 5, #ARGV, 2 do
  now = now + ARGV[i]
  local limit = open_limit(kept, rate)
  local given = math.min(tonumber(ARGV[i + 1]), limit_room(limit))
  limit_take(limit, given)
  kept = keep_limit(limit) or kept
  answers[i - 4], answers[i - 3] = given, limit_wait(limit)
end
return answers
