package scenario

import (
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/cockroachdb/datadriven"

	"example.org/pdns/plugin/pkg/dnstap"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/test/lab"
)

// dnstap sends one event to a socket in the scenario's directory, as a resolver
// does that was told what the input says, at the scenario's time. It returns when
// the collector has read it.
func (s *scenario) dnstap(d *datadriven.TestData) (string, error) {
	w := words(d)
	if len(w) == 0 {
		return "", fmt.Errorf("want the name of a socket")
	}
	frame, err := s.frame(d.Input, w[1:])
	if err != nil {
		return "", err
	}
	p, err := lab.DialTap("unix", filepath.Join(s.dir, w[0]), nil)
	if err != nil {
		return "", err
	}
	if err := p.Frame(frame); err != nil {
		return "", err
	}
	return "", p.Close()
}

// frame is what is sent: an event with any of type=TYPE, zone=NAME, time=TIME,
// identity=NAME, ra (the server recurses) and wire=HEX instead of the input; or
// frame=HEX.
func (s *scenario) frame(input string, options []string) ([]byte, error) {
	e := &dnstap.Event{Type: dnstap.ResolverResponse, Time: s.now}
	recurses := false
	for _, o := range options {
		key, value, _ := strings.Cut(o, "=")
		var err error
		switch key {
		case "type":
			e.Type, err = eventType(value)
		case "zone":
			e.Zone, err = rrset.AppendName(nil, value)
		case "time":
			e.Time, err = time.Parse(time.RFC3339, value)
		case "identity":
			e.Identity = []byte(value)
		case "ra":
			recurses = true
		case "wire":
			e.Response, err = hex.DecodeString(value)
		case "frame":
			return hex.DecodeString(value)
		default:
			err = fmt.Errorf("unknown option %q", o)
		}
		if err != nil {
			return nil, err
		}
	}
	if input != "" {
		m, err := lab.ParseResponse(input)
		if err != nil {
			return nil, err
		}
		m.RecursionAvailable = recurses
		if e.Response, err = m.Pack(); err != nil {
			return nil, err
		}
	}
	return dnstap.Append(nil, e), nil
}

func eventType(name string) (dnstap.Type, error) {
	for t := range dnstap.Type(32) {
		if t.String() == name {
			return t, nil
		}
	}
	return 0, fmt.Errorf("unknown type %q", name)
}
