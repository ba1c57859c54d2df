import type { Schemas } from '@/api/client'

export type User = Schemas['UserView']
