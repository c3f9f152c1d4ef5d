package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"example.org/pdns/plugin/pkg/investigate"
	"example.org/pdns/plugin/pkg/mail"
)

// gather reads what the walk begins with; of a mail also what it was made of.
func (p *program) gather(args []string, q *investigate.Query) (*mail.Message, error) {
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
			q.Seeds = append(q.Seeds, s)
			continue
		}
		if message != nil {
			return nil, fmt.Errorf("%q is a second mail, want one", arg)
		}
		var err error
		if message, err = p.readMail(arg); err != nil {
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

func (p *program) readMail(path string) (*mail.Message, error) {
	in, name := p.in, "standard input"
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in, name = f, path
	}
	m, err := mail.Read(in, mail.Limits{})
	if err != nil {
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
func reportName(arg string, seeds []investigate.Seed) string {
	name := "mail"
	switch {
	case arg == "-":
	case isMail(arg):
		name = strings.TrimSuffix(filepath.Base(arg), filepath.Ext(arg))
	case len(seeds) > 0:
		name = strings.TrimSuffix(seeds[0].ID, ".")
	}
	name = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.", r) {
			return r
		}
		return '_'
	}, name)
	name = strings.TrimLeft(name, ".-")
	if name == "" {
		name = "mail"
	}
	return name[:min(len(name), mostFileName)] + ".html"
}
