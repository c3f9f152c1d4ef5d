package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/clock"
	"example.org/pdns/plugin/pkg/question"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// What timeline, pivot and map share.

// parseKey reads what somebody asks about.
func parseKey(text string) (analysis.Key, error) {
	if err := notDNSDB(text); err != nil {
		return analysis.Key{}, err
	}
	return analysis.ParseKey(text)
}

// parseTypes reads the flag --type.
func parseTypes(names []string) (types []uint16, err error) {
	for _, name := range names {
		t, err := rrset.ParseType(strings.TrimSpace(name))
		if err == nil && rrset.IsMeta(t) {
			err = fmt.Errorf("%s is no type of data", rrset.TypeString(t))
		}
		if err != nil {
			return nil, fmt.Errorf("--type: %w", err)
		}
		types = append(types, t)
	}
	return types, nil
}

// analysisWindow reads the flags --since and --until, or --at.
func analysisWindow(since, until, at string) (analysis.Window, error) {
	if at != "" {
		t, err := parseTime("at", at, true)
		return analysis.Window{Since: t, Until: t}, err
	}
	f, err := window(since, until)
	return analysis.Window{Since: f.LastAfter, Until: f.FirstBefore}, err
}

// parseAge reads a flag that is a length of time, in the form of an age.
func parseAge(flag, text string) (time.Duration, error) {
	now := clock.Now()
	t, err := question.ParseTime(text, now, false)
	age := time.Duration(now.Unix()-t) * time.Second
	if err == nil && age > 0 && strings.ContainsAny(text[len(text)-1:], "yYwWdDhHmMsS") {
		return age, nil
	}
	return 0, fmt.Errorf("--%s %q, want an age such as 30d, 12h or 1d12h", flag, text)
}

// writeJSON writes one object in one line.
func (p *program) writeJSON(v any) error {
	out := json.NewEncoder(p.out)
	out.SetEscapeHTML(false)
	return out.Encode(v)
}

// foundSome says that nothing was found, if so.
func (p *program) foundSome(src store.Source, found bool, what string) error {
	if found {
		return nil
	}
	known, err := coverage(src)
	if err != nil {
		return err
	}
	p.say("nothing found for %s; %s", what, reach(known))
	return nothingFound
}
