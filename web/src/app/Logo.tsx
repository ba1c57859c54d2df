import { Group, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import classes from './Logo.module.css'

export function Logo() {
  return (
    <Link to="/" className={classes.logo}>
      <Group gap={8} wrap="nowrap">
        <img src="/icon.svg" width={26} height={26} alt="" />
        <Text fw={700} size="lg" lts={-0.4}>
          Sightline
        </Text>
      </Group>
    </Link>
  )
}
