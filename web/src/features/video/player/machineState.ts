/** What of the player is shown on its buttons. */
export interface MachineState {
  readonly isMuted: boolean
  /** 0 to 1. */
  readonly volume: number
  readonly isLooping: boolean
  /** Number of the picture on screen; null without pictures. */
  readonly frame: number | null
  readonly isWaiting: boolean
  readonly fault: 'network' | 'decode' | 'unsupported' | null
  /** At which speed Space plays. */
  readonly pace: number
}

export const STILL: MachineState = {
  isMuted: false,
  volume: 1,
  isLooping: false,
  frame: null,
  isWaiting: false,
  fault: null,
  pace: 1,
}

export function faultOf(error: MediaError | null): MachineState['fault'] {
  if (error?.code === MediaError.MEDIA_ERR_NETWORK) return 'network'
  return error?.code === MediaError.MEDIA_ERR_DECODE ? 'decode' : 'unsupported'
}
