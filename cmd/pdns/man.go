package main

import (
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

func newMan() *cobra.Command {
	return &cobra.Command{
		Use:   "man DIR",
		Short: "Write the manual pages into a directory",
		Long: `man writes the manual pages of pdns and of each of its commands into DIR, which
is made if it does not exist. SOURCE_DATE_EPOCH sets their date.`,
		Example: `  pdns man /usr/local/share/man/man1`,
		Args:    wants("one DIR", 1),
		RunE:    func(c *cobra.Command, args []string) error { return writeManuals(c.Root(), args[0]) },
	}
}

func writeManuals(root *cobra.Command, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	root.DisableAutoGenTag = true
	return doc.GenManTree(root, &doc.GenManHeader{Section: "1", Source: "pdns", Manual: "passive DNS"}, dir)
}
