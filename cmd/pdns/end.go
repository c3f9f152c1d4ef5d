package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"syscall"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"example.org/pdns/plugin/pkg/store"
)

// A status is an exit code whose reason has been told already.
type status int

const (
	nothingFound status = 1
	wentWrong    status = 2
)

func (s status) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// A hintError is an error and what to do about it.
type hintError struct {
	error
	hint string
}

func (e *hintError) Unwrap() error { return e.error }

func withHint(err error, hint string) error { return &hintError{err, hint} }

// badUse adds where to read about a command to an error of its flags.
func badUse(c *cobra.Command, err error) error {
	return withHint(err, fmt.Sprintf("%s --help says what it takes", c.CommandPath()))
}

// exclusive says of which flags only one may be given.
func exclusive(c *cobra.Command, groups ...[]string) {
	for _, group := range groups {
		c.MarkFlagsMutuallyExclusive(group...) // completion goes by it
	}
	c.PreRunE = func(c *cobra.Command, _ []string) error {
		for _, group := range groups {
			given := slices.DeleteFunc(slices.Clone(group), func(flag string) bool { return !c.Flags().Changed(flag) })
			if len(given) > 1 {
				return badUse(c, fmt.Errorf("--%s do not go together, want one of them", strings.Join(given, " and --")))
			}
		}
		return nil
	}
}

// hinted is a check of arguments with that hint.
func hinted(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if err := check(c, args); err != nil {
			return badUse(c, err)
		}
		return nil
	}
}

// wants checks that there is at least one argument, and at most most if that is
// not 0.
func wants(what string, most int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return fmt.Errorf("want %s", what)
		}
		if most == 0 {
			return nil
		}
		return takes(what, most)(c, args)
	}
}

// takes checks that there are at most so many arguments.
func takes(what string, most int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) <= most {
			return nil
		}
		before := append([]string{c.CommandPath()}, args...)[most]
		return fmt.Errorf("%q behind %s, want %s alone", args[most], before, what)
	}
}

// end tells why a run ended and returns its exit code.
func (p *program) end(err error) int {
	p.clearBar()
	var s status
	switch {
	case err == nil, errors.Is(err, syscall.EPIPE): // whoever read has seen enough
		return 0
	case errors.As(err, &s):
		return int(s)
	case errors.Is(err, context.Canceled):
		p.say("interrupted")
		return int(wentWrong)
	}
	p.say("error: %v", err)
	var h *hintError
	if errors.As(err, &h) {
		p.say("hint: %s", h.hint)
	}
	return int(wentWrong)
}

// say writes a message to standard error, in one line: several errors are joined by
// newlines.
func (p *program) say(format string, args ...any) {
	p.clearBar()
	fmt.Fprintf(p.err, "pdns: %s\n", printable(strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", "; ")))
}

// warnIncomplete tells what is missing from an answer, if that is what err is
// about; the answer is good but for that.
func (p *program) warnIncomplete(err error) error {
	if !errors.Is(err, store.ErrIncomplete) {
		return err
	}
	p.say("warning: %v", err)
	if errors.Is(err, fs.ErrPermission) {
		p.say("hint: %s", p.whose(err))
	} else {
		p.say("hint: pdns verify says what is damaged")
	}
	return wentWrong
}

// printable makes control characters and bytes that are no text visible, so that
// nothing in a name, in rdata or in a file's name can steer a terminal.
func printable(s string) string {
	if utf8.ValidString(s) && strings.IndexFunc(s, unprintable) < 0 {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError || unprintable(r) {
			for _, c := range []byte(s[:n]) {
				fmt.Fprintf(&b, `\%03d`, c)
			}
		} else {
			b.WriteRune(r)
		}
		s = s[n:]
	}
	return b.String()
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) }
