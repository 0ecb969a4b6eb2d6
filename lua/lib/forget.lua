--[[
  Remove a closed run with all that belongs to it. The chunk of the log of starts that named it goes with its
  last run.
]]
--- @include "lib/run"
local function forget(name, rec, key)
  local run_id = sub(rec, 73, 80)
  call("DEL", key, P .. "i:" .. run_id, P .. "o:" .. run_id, P .. "h:" .. run_id, P .. "a:" .. run_id, P .. "c:" .. run_id)
  call("ZREM", P .. "far", run_id .. name)
  local chunk = num(u4(rec, 93))
  if call("HINCRBY", P .. "xn", chunk, -1) <= 0 and chunk ~= (call("HGET", P .. "m", "chunk") or "0") then
    call("DEL", P .. "x:" .. chunk)
    call("HDEL", P .. "xn", chunk)
    call("ZREM", P .. "xd", chunk)
  end
end
