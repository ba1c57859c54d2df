import { createContext, useContext, useSyncExternalStore } from 'react'
import type { Machine } from './machine'
import type { MachineState } from './machineState'
import type { Writing } from './moment'

export const MachineContext = createContext<Machine | null>(null)
export const WritingContext = createContext<Writing>({ pictures: null, startTimecode: null })

export function useMachine(): Machine {
  const found = useContext(MachineContext)
  if (!found) throw new Error('outside of a MachineContext')
  return found
}

export function useMachineState<Part>(pick: (state: MachineState) => Part): Part {
  const machine = useMachine()
  return useSyncExternalStore(machine.listen, () => pick(machine.state))
}

/** How times of this media are written. */
export function useWriting(): Writing {
  return useContext(WritingContext)
}
