--[[
  A rate limit that holds exactly, the generic cell rate algorithm: in every window of length t no more than
  burst + rate × t tokens are given. What has been given and not been earned yet is the debt; it is paid off at the
  rate, and a token is given while the debt leaves room for one below the burst. A rate of 0 gives nothing.

  All in whole numbers: rates in millionths of a token per second, debts in billionths of a token, so that a
  millisecond pays exactly one unit for each unit of the rate. Up to a million tokens per second all of them stay
  below 2^53. What is kept is a text: the moment it is true at, the debt and the rate.
]]
local TOKEN = 1000000000
local IDLE_LIMIT_MS = 3600000
local TOKENS_OF_MS = 10
local GRANT_MS = 100 -- the life of a grant (queue/limit.lua)

--- A limit as it stands now. kept: what keep_limit returned last, or false. burst: in tokens; nil = one second's worth,
-- at least one.
local function open_limit(kept, rate, burst)
  local limit = { rate = rate, burst = burst and burst * TOKEN or math.max(TOKEN, rate * 1000), debt = 0 }
  if kept then
    local at, debt, old_rate = string.match(kept, "^(%d+) (%d+) (%d+)$")
    -- a moment from the future was written by a clock that has since gone back: nothing was earned since
    local earned = math.max(0, now - at) * old_rate
    limit.debt = math.max(0, math.min(debt - earned, limit.burst))
    -- at another rate it is paid off from now on only
    limit.moved = tonumber(at) > now or tonumber(old_rate) ~= rate
  end
  return limit
end

--- How many tokens may be given now.
local function limit_room(limit)
  return limit.rate > 0 and math.floor((limit.burst - limit.debt) / TOKEN) or 0
end

--- Gives tokens; as many as there was room for.
local function limit_take(limit, n)
  limit.debt = limit.debt + n * TOKEN
  limit.moved = limit.moved or n > 0
end

--- The time until the next token, or the nth from now on, ms; 0 = there is one, math.huge = there will be none.
local function limit_wait(limit, n)
  local missing = limit.debt + (n or 1) * TOKEN - limit.burst
  if limit.rate == 0 then
    return math.huge
  end
  return math.max(0, math.ceil(missing / limit.rate))
end

--- How long whoever asked for so many tokens waits for the next ones: for one where tokens are rare, else for those of
-- ten milliseconds, as far as a quarter of the burst has room for them. To be woken for each of a thousand tokens in a
-- second costs all who wait a lease for each, and none is lost by waiting for some.
local function limit_pause(limit, asked, open)
  local some = math.floor(math.min(limit.burst / TOKEN / 4, limit.rate * TOKENS_OF_MS / TOKEN))
  return limit_wait(limit, (open or 0) + math.max(1, math.min(asked, some)))
end

--- Takes a token back that came to nothing: what of it has not been earned again since, so that what remains given
-- still keeps to the limit.
local function limit_refund(limit, taken_at)
  local owed = math.max(0, TOKEN - math.max(0, now - taken_at) * limit.rate)
  limit.debt = math.max(0, limit.debt - owed)
  limit.moved = true
end

--- What is to be kept of it, and how long at least, ms; nil while that has not changed.
local function keep_limit(limit)
  if limit.moved then
    local paid_off = limit.rate > 0 and math.ceil(limit.debt / limit.rate) or 0
    return num(now) .. " " .. num(limit.debt) .. " " .. num(limit.rate), paid_off + IDLE_LIMIT_MS
  end
end

--- Keeps it under a key of its own, which goes an hour after the limit stopped holding anything up.
local function keep_limit_at(key, limit)
  local kept, for_ms = keep_limit(limit)
  if kept then
    call("SET", key, kept, "PX", num(for_ms))
  end
end
