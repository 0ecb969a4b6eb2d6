--[[
  The log of starts: every run in order, as refs in LISTs of about 1 024 runs (`x:<chunk>`), whose first moments
  are in `xd` and whose living runs are counted in `xn`.
]]
--- @include "lib/step"
local CHUNK_RUNS = 1024
local log_at = call("HMGET", P .. "m", "chunk", "chunk_count")
local chunk, chunk_count = tonumber(log_at[1]) or 0, tonumber(log_at[2]) or 0
--- The chunk that this call's runs enter, as it stands in their records.
local chunk4 = struct.pack(">I4", chunk)

--- Enters runs into the log.
local function enter_log(refs)
  call("RPUSH", P .. "x:" .. num(chunk), concat(refs, "\n"))
  if chunk_count == 0 then
    call("ZADD", P .. "xd", num(now), num(chunk))
  end
  call("HINCRBY", P .. "xn", num(chunk), #refs)
  if chunk_count + #refs >= CHUNK_RUNS then
    call("HSET", P .. "m", "chunk", num(chunk + 1), "chunk_count", "0")
  else
    call("HSET", P .. "m", "chunk", num(chunk), "chunk_count", num(chunk_count + #refs))
  end
end
