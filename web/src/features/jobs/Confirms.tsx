import { useText } from '@/state/text'
import { Confirm } from '@/ui/Confirm'
import { allOf } from './queries'
import { TEXT } from './text'
import type { Board } from './useBoard'

/** What can be done to everything at once. */
export type All = 'cancel' | 'retry'

interface Shown {
  board: Board
  all: All | null
  close: () => void
  workspaceId: string | undefined
  kind: string | undefined
}

/** Asks before work is stopped, or much is begun again. */
export function Confirms({ board, all, close, workspaceId, kind }: Shown) {
  const say = useText(TEXT)
  const { cancelling } = board
  const count = cancelling.length
  const actAll = (deed: All) => {
    close()
    const states = deed === 'cancel' ? (['queued'] as const) : (['failed'] as const)
    void board.act(deed, () => allOf({ workspaceId, states, kind }))
  }
  return (
    <>
      <Confirm
        isOpen={count > 0}
        title={say('cancelAsk', { count })}
        action={say('cancelDo', { count })}
        isDangerous
        onConfirm={() => {
          board.askCancel([])
          void board.act('cancel', cancelling)
        }}
        onClose={() => board.askCancel([])}
      >
        {count === 1 ? say('cancelWhy', { name: cancelling[0]?.title ?? '' }) : say('cancelWhyMany')}
      </Confirm>
      <Confirm
        isOpen={all === 'cancel'}
        title={say('cancelWaitingAsk')}
        action={say('cancelWaitingDo')}
        isDangerous
        onConfirm={() => actAll('cancel')}
        onClose={close}
      >
        {say('cancelWaitingWhy')}
      </Confirm>
      <Confirm
        isOpen={all === 'retry'}
        title={say('retryAllAsk')}
        action={say('retryAllDo')}
        onConfirm={() => actAll('retry')}
        onClose={close}
      >
        {say('retryAllWhy')}
      </Confirm>
    </>
  )
}
