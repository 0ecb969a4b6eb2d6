--[[
  A rate limit that holds exactly, the generic cell rate algorithm: in every window of length t no more than
  burst + rate × t tokens are given. What has been given and not been earned yet is the debt; it is paid off at the
  rate, and a token is given while the debt leaves room for one below the burst.

  All in whole numbers: rates in millionths of a token per second, debts in billionths of a token, so that a
  millisecond pays exactly one unit for each unit of the rate. Up to a million tokens per second all of them stay
  below 2^53. What is kept is a text: the moment it is true at, the debt and the rate.
]]
--- @include "lib/step"
local TOKEN = 1000000000

--- A limit as it stands now. kept: what keep_limit returned last, or false. burst: in tokens; nil = one second's worth,
-- at least one.
local function open_limit(kept, rate, burst)
  local limit = { rate = rate, burst = burst and burst * TOKEN or math.max(TOKEN, rate * 1000), debt = 0 }
  if kept then
    local at, debt, old_rate = string.match(kept, "^(%d+) (%d+) (%d+)$")
    -- a moment from the future was written by a clock that has since gone back: nothing was earned since
    local earned = math.max(0, now - at) * old_rate
    limit.debt = math.max(0, math.min(debt - earned, limit.burst))
    limit.moved = tonumber(at) > now
  end
  return limit
end

--- How many tokens may be given now.
local function limit_room(limit)
  return math.floor((limit.burst - limit.debt) / TOKEN)
end

--- Gives tokens; as many as there was room for.
local function limit_take(limit, n)
  limit.debt = limit.debt + n * TOKEN
  limit.moved = limit.moved or n > 0
end

--- The time until the next token, ms; 0 = there is one.
local function limit_wait(limit)
  return math.max(0, math.ceil((limit.debt + TOKEN - limit.burst) / limit.rate))
end

--- What is to be kept of it, and how long at least, ms; nil while that has not changed.
local function keep_limit(limit)
  if limit.moved then
    return num(now) .. " " .. num(limit.debt) .. " " .. num(limit.rate), math.ceil(limit.debt / limit.rate)
  end
end
