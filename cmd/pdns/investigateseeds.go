package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"example.org/pdns/plugin/pkg/investigate"
	"example.org/pdns/plugin/pkg/mail"
)

// gather reads what the walk begins with; of a mail also what it was made of.
func (p *program) gather(ctx context.Context, args []string, q *investigate.Query) (*mail.Message, error) {
	var message *mail.Message
	for _, arg := range args {
		if !isMail(arg) {
			if err := notDNSDB(arg); err != nil {
				return nil, err
			}
			s, err := investigate.ParseSeed(arg)
			if err != nil {
				return nil, err
			}
			if info, err := os.Stat(arg); err == nil && info.Mode().IsRegular() {
				p.say("%s is taken for a name; the file of that name is ./%s", arg, arg)
			}
			q.Seeds = append(q.Seeds, s)
			continue
		}
		if message != nil {
			return nil, fmt.Errorf("%q is a second mail, want one", arg)
		}
		var err error
		if message, err = p.readMail(ctx, arg, q); err != nil {
			return nil, err
		}
		q.Seeds = append(q.Seeds, investigate.MailSeeds(message)...)
		q.Recipients = message.Recipients
	}
	return message, nil
}

// isMail reports whether an argument is a file and no name.
func isMail(arg string) bool {
	if arg == "-" {
		return true
	}
	if strings.Contains(arg, "://") {
		return false
	}
	if strings.EqualFold(filepath.Ext(arg), ".eml") {
		return true
	}
	info, err := os.Stat(arg)
	return strings.ContainsRune(arg, filepath.Separator) && err == nil && !info.IsDir()
}

// readMail reads a mail in at most half of the time that there is, and leaves the rest to
// the walk.
func (p *program) readMail(ctx context.Context, path string, q *investigate.Query) (*mail.Message, error) {
	in, name := p.in, "standard input"
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in, name = f, path
	}
	limited, cancel := context.WithTimeout(ctx, q.Timeout/2)
	defer cancel()
	begin := time.Now()
	m, err := mail.Read(limited, in, mail.Limits{})
	q.Timeout -= time.Since(begin).Truncate(time.Second / 10)
	if err != nil {
		if limited.Err() == context.DeadlineExceeded {
			err = fmt.Errorf("the time to read it was over, half of --timeout")
		}
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return m, nil
}

// sayMail tells what of a mail could not be read.
func (p *program) sayMail(m *mail.Message) {
	if m == nil {
		return
	}
	for _, text := range m.Problems {
		p.say("warning: mail: %s", text)
	}
	for _, text := range m.Cuts {
		p.say("warning: mail: cut: %s", text)
	}
}

// mostFileName bounds the name of a report's file, without its ending.
const mostFileName = 100

// reportName is the file of a report that has been given no name.
func reportName(q *investigate.Query) string {
	name := "investigation"
	if first, ok := q.First(); ok {
		name = strings.TrimSuffix(first.ID, ".")
	}
	name = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.", r) {
			return r
		}
		return '_'
	}, name)
	name = strings.TrimLeft(name, ".-")
	if name == "" {
		name = "investigation"
	}
	return name[:min(len(name), mostFileName)] + ".html"
}
