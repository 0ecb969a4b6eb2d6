--[[
  A sign that an attempt is worked on, and what it leaves for the next one: the latest details, in `h:<run_id>`.
]]
--- @include "lib/start_over"
local function p4(n)
  return struct.pack(">I4", n)
end

--- A running record as a heartbeat leaves it, of which bytes 25-71 are to be written. details: "" = the last ones
-- stay.
local function after_beat(rec, details)
  local flags = sub(rec, 71, 71)
  if details ~= "" then
    call("SET", P .. "h:" .. sub(rec, 73, 80), details)
    flags = with_flag(rec, FLAG_HEARTBEAT)
  end
  return sub(rec, 1, 24) .. now6 .. sub(rec, 31, 34) .. p4(math.min(u4(rec, 35) + 1, 2147483647)) .. sub(rec, 39, 70)
    .. flags .. sub(rec, 72)
end

--- Stores a heartbeat of the attempt that runs.
local function beat(key, name, rec, details)
  local after = after_beat(rec, details)
  call("SETRANGE", key, "24", sub(after, 25, 71))
  if u6(rec, 115) > 0 and not has_flag(rec, FLAG_BUILT_IN) then
    local at = next_moment(after, sub(rec, 10, 10), u6(rec, 44))
    local ref = sub(rec, 73, 80) .. name
    if at - now > NEAR_MS then
      disarm(ref)
    end
    arm(ref, at)
  end
  happened("h", sub(rec, 40, 43) .. sub(rec, 10, 10) .. sub(rec, 73, 80) .. name)
end
