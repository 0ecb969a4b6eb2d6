--[[
  What a reset does to a run beside its attempt number: at once when no attempt runs, else when the one that runs has
  ended. `on_reset` in `c:<run_id>` keeps what is put off: h = drop the heartbeat details, o = restore the options.
]]
--- @include "lib/options"
local FIRST_ATTEMPT = "\0\0\0\1"

--- Whether a run in this state starts over at attempt 1 when its attempt has ended.
local function starts_over(state)
  return state == "r" or state == "k"
end

--- Whether a run in this state is paused when its attempt has ended.
local function pauses(state)
  return state == "p" or state == "k"
end

--- Does what the reset asks for; the record as it is then. Its place must have been left. what: the letters above.
local function reset_beside(name, rec, what)
  if string.find(what, "h", 1, true) then
    call("DEL", P .. "h:" .. sub(rec, 73, 80))
    rec = flagged(sub(rec, 1, 24) .. Z6 .. sub(rec, 31), FLAG_HEARTBEAT, false)
  end
  if string.find(what, "o", 1, true) then
    rec = restore_options(name, rec)
  end
  return flagged(rec, FLAG_GIVEN_DELAY, false)
end

--- Does what a reset has put off; the record as it is then.
local function reset_put_off(name, rec)
  local key = P .. "c:" .. sub(rec, 73, 80)
  local what = call("HGET", key, "on_reset")
  if not what then
    return reset_beside(name, rec, "")
  end
  call("HDEL", key, "on_reset")
  return reset_beside(name, rec, what)
end
