package main

import (
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"
)

// Colours of pictures and tables.
const (
	bold  = "\x1b[1m"
	dim   = "\x1b[2m"
	red   = "\x1b[31m"
	green = "\x1b[32m"

	colorNewest = "\x1b[1;32m"
	colorOff    = "\x1b[0m"
)

var colorModes = []string{"auto", "always", "never"}

// declareColor gives every command the flag --color.
func (p *program) declareColor(root *cobra.Command) {
	root.PersistentFlags().StringVar(&p.color, "color", "auto", "colours in what is for people: auto, always, never")
	root.RegisterFlagCompletionFunc("color", cobra.FixedCompletions(colorModes, cobra.ShellCompDirectiveNoFileComp))
	root.PersistentPreRunE = func(*cobra.Command, []string) error {
		if !slices.Contains(colorModes, p.color) {
			return fmt.Errorf("--color %q, want auto, always or never", p.color)
		}
		return nil
	}
}

// colored reports whether standard output is painted: on a terminal, unless NO_COLOR is
// set (https://no-color.org).
func (p *program) colored() bool {
	return p.color == "always" || p.color != "never" && p.outTerminal && os.Getenv("NO_COLOR") == ""
}

// paint colours text; no colour leaves it as it is.
func (p *program) paint(color, text string) string {
	if color == "" || !p.colored() {
		return text
	}
	return color + text + colorOff
}
