import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

const ROOT = path.resolve(import.meta.dirname, '../../..')
const PYTHON = process.env.PYTHON ?? path.join(ROOT, '.venv/bin/python')
const UP_MS = 90_000
const run = promisify(execFile)

export interface Person {
  readonly email: string
  readonly password: string
}

/** One real `sightline serve` on loopback, with data of its own, that can be killed and started again. */
export class Server {
  readonly url: string
  link = ''
  #process: ChildProcess | null = null
  #log = ''

  private constructor(
    readonly folder: string,
    readonly port: number,
    private readonly settings: Readonly<Record<string, string>>,
  ) {
    this.url = `http://127.0.0.1:${port}`
  }

  static async start(settings: Readonly<Record<string, string>> = {}): Promise<Server> {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'page-'))
    const made = new Server(folder, await freePort(), settings)
    await made.start()
    return made
  }

  async start(): Promise<void> {
    const child = spawn(PYTHON, ['-m', 'sightline', 'serve', '--port', String(this.port)], {
      cwd: this.folder,
      env: this.environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#process = child
    const heard = (piece: Buffer) => {
      this.#log += piece.toString()
      this.link ||= /http:\/\/\S+\/sign-in\?secret=\S+/.exec(this.#log)?.[0] ?? ''
    }
    child.stdout?.on('data', heard)
    child.stderr?.on('data', heard)
    const until = Date.now() + UP_MS
    while (!(await this.answers())) {
      if (child.exitCode !== null || Date.now() > until) throw new Error(`the service does not start:\n${this.#log}`)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }

  /** As a power cut would end it. */
  async kill(): Promise<void> {
    await this.end('SIGKILL')
  }

  async stop(): Promise<void> {
    await this.end('SIGINT')
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 })
  }

  /** A person with an account; the first signs in by the link that was printed. */
  async person(email: string, isAdmin = false): Promise<Person> {
    const password = `battery staple ${email}`
    const words = ['-m', 'sightline', 'user', 'add', email, '--password', ...(isAdmin ? ['--admin'] : [])]
    const child = run(PYTHON, words, { cwd: this.folder, env: this.environment() })
    child.child.stdin?.end(`${password}\n`)
    await child
    return { email, password }
  }

  get log(): string {
    return this.#log
  }

  private environment(): NodeJS.ProcessEnv {
    const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('SIGHTLINE_') && name !== 'NODE_ENV')
    return {
      ...Object.fromEntries(kept),
      SIGHTLINE_DATA_DIR: path.join(this.folder, 'data'),
      // The browser beside it takes what it can of the processor: that must not hold jobs back, and they must not give
      // way to it.
      SIGHTLINE_MAX_CPU_PERCENT: '100',
      SIGHTLINE_MAX_MEMORY_PERCENT: '100',
      SIGHTLINE_JOB_NICENESS: '0',
      ...this.settings,
    }
  }

  private async answers(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/healthz`)).ok
    } catch {
      return false
    }
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process
    this.#process = null
    if (!child || child.exitCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    await ended
  }
}

export type Clip = 'counter' | 'ntsc' | 'large' | 'short' | 'wide'

/** A clip of `clips.py`, made once for all tests of a run. */
export async function clip(kind: Clip, folder: string, name = `${kind}.mp4`): Promise<string> {
  const target = path.join(folder, name)
  await run(PYTHON, [path.join(import.meta.dirname, 'clips.py'), kind, target], { cwd: ROOT })
  return target
}

/** Why no voice can be made here; null where one can. */
export function whyNoVoice(): string | null {
  const words = ['-c', 'import ctypes; ctypes.CDLL("libespeak-ng.so.1")']
  return spawnSync(PYTHON, words).status === 0 ? null : 'no voice was found: install the package espeak-ng'
}

/** `talk.mp4` of `talking.py` in a folder, and what a service has to be told to hear words in it. */
export async function talk(folder: string): Promise<Readonly<Record<string, string>>> {
  await run(PYTHON, [path.join(import.meta.dirname, 'talking.py'), folder], { cwd: ROOT })
  return { SIGHTLINE_MODELS: path.join(folder, 'models'), PYTHONPATH: path.join(folder, 'python') }
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo
      server.close(() => resolve(port))
    })
  })
}
