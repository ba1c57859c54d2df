import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core'

const tide: MantineColorsTuple = [
  '#e8f7f7', '#d5ebec', '#a9d6d9', '#7abfc4', '#54adb3', '#3ba1a9', '#2a9ba3', '#17868e', '#03727a', '#005d65',
] // biome-ignore format: one scale, one line

const slate: MantineColorsTuple = [
  '#d3d9de', '#b4bdc6', '#8d99a5', '#6b7885', '#4a5663', '#37424d', '#27313a', '#1b232b', '#141a20', '#0e1317',
] // biome-ignore format: one scale, one line

export const theme = createTheme({
  primaryColor: 'tide',
  primaryShade: 8,
  colors: { tide, dark: slate },
  autoContrast: true,
  // Up to here white text on a filled button has 4.5:1, from here on black text has.
  luminanceThreshold: 0.184,
  defaultRadius: 'md',
  fontFamily:
    'Inter, "Pretendard Variable", Pretendard, system-ui, "Noto Sans KR", "Apple SD Gothic Neo", "Malgun Gothic", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", "Roboto Mono", Menlo, monospace',
  headings: {
    fontWeight: '650',
    sizes: { h1: { fontSize: '1.5rem' }, h2: { fontSize: '1.15rem' }, h3: { fontSize: '1rem' } },
  },
  cursorType: 'pointer',
  respectReducedMotion: true,
})

/** Colours by what they say. Each is readable (4.5:1) as text on the page's ground, in both schemes. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--sl-ground': '#f6f8f9',
    '--sl-card': '#ffffff',
    '--sl-line': '#dde3e7',
    '--sl-ink': '#16202a',
    '--sl-quiet': '#55626e',
    '--sl-pass': '#17713a',
    '--sl-warn': '#8a5a00',
    '--sl-fail': '#b3261e',
    '--sl-none': '#55626e',
    '--sl-accent': '#005d65',
    '--mantine-color-body': '#f6f8f9',
    '--mantine-color-text': '#16202a',
    '--mantine-color-dimmed': '#55626e',
    '--mantine-color-error': '#b3261e',
  },
  dark: {
    '--sl-ground': '#0e1317',
    '--sl-card': '#151c22',
    '--sl-line': '#2b3640',
    '--sl-ink': '#e6ebf0',
    '--sl-quiet': '#9aa7b3',
    '--sl-pass': '#6fd08c',
    '--sl-warn': '#e9b95c',
    '--sl-fail': '#ff8a80',
    '--sl-none': '#9aa7b3',
    '--sl-accent': '#54c0c8',
    '--mantine-color-body': '#0e1317',
    '--mantine-color-text': '#e6ebf0',
    '--mantine-color-dimmed': '#9aa7b3',
    '--mantine-color-error': '#ff8a80',
  },
})
