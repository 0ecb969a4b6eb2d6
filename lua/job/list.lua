#!lua flags=no-writes
--[[
  Read on in the log of starts, newest first.

  KEYS[1]  {tag}m
  ARGV[1-3] now_ms, random, bounds (unused)
  ARGV[4]  cursor: "" = the newest, else "<chunk>:<batch>:<run>" of the run after which to go on
  ARGV[5]  how many runs to look at

  Returns {"page", next cursor or "", then for each run: cursor, name, record, worker of the latest lease, reason,
    failure of a failed run, last attempt of an open or timed out one (but those handed back), …}; "" where there is none
]]
--- @include "lib/run"
--- The last attempt that was not handed back, or "": a page tells the failure of that.
local function last_attempt(run_id)
  local at, entry = -1, nil
  repeat
    entry = call("LINDEX", P .. "a:" .. run_id, at)
    at = at - 1
  until not entry or sub(entry, 29, 29) ~= "b"
  return entry or ""
end

local limit = tonumber(ARGV[5])
local out = { "page", "" }
local chunk, batch, index = string.match(ARGV[4], "^(%d+):(%d+):(%d+)$")
local from = chunk and chunk or "+inf"
local looked = 0
-- a start that is sent again after its run was deleted makes the same run again, and names it twice
local seen = {}
local chunks = call("ZREVRANGE", P .. "xd", 0, -1)
-- chunk numbers grow with time, so the set's order is theirs
for c = 1, #chunks do
  local this = tonumber(chunks[c])
  if from == "+inf" or this <= tonumber(from) then
    local batches = call("LRANGE", P .. "x:" .. chunks[c], 0, -1)
    local first = #batches
    local going_on = chunk and this == tonumber(chunk)
    if going_on then
      -- a cursor comes from outside and may name a batch that there never was
      first = math.min(tonumber(batch), first)
    end
    for b = first, 1, -1 do
      local refs, at, text = {}, 1, batches[b]
      while text and at <= #text do
        local stop = string.find(text, "\n", at + 8, true) or (#text + 1)
        refs[#refs + 1] = sub(text, at, stop - 1)
        at = stop + 1
      end
      local start = #refs
      if going_on and b == tonumber(batch) then
        start = math.min(start, tonumber(index) - 1)
      end
      for i = start, 1, -1 do
        local cursor = chunks[c] .. ":" .. b .. ":" .. i
        local run_id, name = sub(refs[i], 1, 8), sub(refs[i], 9)
        local rec = call("GET", P .. "j:" .. name)
        if not rec or sub(rec, 73, 80) ~= run_id then
          rec = call("GET", P .. "j0:" .. name .. "/" .. run_id)
        end
        looked = looked + 1
        if rec and not seen[refs[i]] then
          seen[refs[i]] = true
          out[#out + 1] = cursor
          out[#out + 1] = name
          out[#out + 1] = rec
          local state = sub(rec, 10, 10)
          out[#out + 1] = sub(rec, 31, 34) ~= Z4 and call("HGET", P .. "wn", num(u4(rec, 31))) or ""
          out[#out + 1] = has_flag(rec, FLAG_CONTROLS) and call("HGET", P .. "c:" .. run_id, "reason") or ""
          out[#out + 1] = state == "F" and call("GET", P .. "o:" .. run_id) or ""
          out[#out + 1] = has_flag(rec, FLAG_ATTEMPTS) and (state == "O" or not IS_CLOSED[state])
            and last_attempt(run_id) or ""
        end
        if looked >= limit then
          out[2] = cursor
          return out
        end
      end
    end
  end
end
return out
