--[[
  Stride scheduling in memory. Given heads in order of pass, hands out `want` turns one by one to whoever has
  the lowest pass, which then grows by its stride; exact, and without a heap: those who take another turn join
  one queue per distinct stride, in which passes only grow.
]]
--- names, passes: in order of pass. bound: the pass at which an unseen head would be next.
-- stride(name) and room(name) are asked once each turn; room may be nil (no limit).
-- Returns turns per index, new pass per index, and the pass of the last turn given.
-- An index in reach that had no room has turns 0; one out of reach has nil.
local function take_turns(names, passes, bound, want, stride, room)
  local turns, pass, last = {}, {}, nil
  local queues, order = {}, {}
  local i, n = 1, #names
  if n == 1 and bound == math.huge and stride(names[1]) % 1 == 0 then
    -- nobody to take turns with: the same sums at once
    local free = room and room(names[1]) or math.huge
    local given, s = math.min(want, free), stride(names[1])
    return { given }, { passes[1] + given * s }, given > 0 and passes[1] + (given - 1) * s or nil
  end
  while want > 0 do
    local best, at, from = nil, math.huge, nil
    if i <= n then
      best, at = i, passes[i]
    end
    for s = 1, #order do
      local queue = order[s]
      local head = queue[queue.first]
      if head and pass[head] < at then
        best, at, from = head, pass[head], queue
      end
    end
    if not best or at > bound then
      break
    end
    if from then
      from.first = from.first + 1
    else
      i = i + 1
    end
    local name, had = names[best], turns[best] or 0
    local free = room and room(name)
    if free and had >= free then
      turns[best] = had
      pass[best] = at
    else
      turns[best] = had + 1
      want = want - 1
      last = at
      local s = stride(name)
      pass[best] = at + s
      local queue = queues[s]
      if not queue then
        queue = { first = 1 }
        queues[s] = queue
        order[#order + 1] = queue
      end
      queue[#queue + 1] = best
    end
  end
  return turns, pass, last
end
