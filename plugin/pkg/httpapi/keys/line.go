package keys

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// A Key is a line of a file.
type Key struct {
	Name string
	Terms

	hash string // as it is written
	hasher
}

var name = regexp.MustCompile(`^[a-z0-9_-]{1,64}$`)

// IsName reports whether a key can have a name.
func IsName(s string) bool { return name.MatchString(s) }

// parse reads the lines of a file; each that is no key is an error. terms hold for
// keys that do not say otherwise.
func parse(path, text string, terms Terms) (keys []Key, errs []error) {
	lines := map[string]int{}
	number := 0
	for line := range strings.Lines(text) {
		number++
		k, err := parseLine(line, terms)
		switch before := lines[k.Name]; {
		case err != nil:
			errs = append(errs, fmt.Errorf("%s:%d: %w", path, number, err))
		case k.Name == "":
		case before > 0:
			errs = append(errs, fmt.Errorf("%s:%d: name %s: line %d has it already", path, number, k.Name, before))
		default:
			lines[k.Name] = number
			keys = append(keys, k)
		}
	}
	return keys, errs
}

// parseLine reads a line. The name is empty if there is no key in it. No error
// repeats a name or a hash: whoever confuses them with a secret would find it in
// the log.
func parseLine(line string, terms Terms) (Key, error) {
	fields := fieldsOf(line)
	if len(fields) == 0 {
		return Key{}, nil
	}
	k := Key{Name: fields[0], Terms: terms}
	switch {
	case !name.MatchString(k.Name):
		return k, errors.New("name: want up to 64 of a to z, 0 to 9, _ and -")
	case len(fields) == 1:
		return k, errors.New("hash: want one behind the name")
	}
	var err error
	k.hash = fields[1]
	if k.hasher, err = parseHash(k.hash); err != nil {
		return k, fmt.Errorf("hash: %w", err)
	}
	given := map[string]bool{}
	for _, field := range fields[2:] {
		if err := k.setField(field, given); err != nil {
			return k, err
		}
	}
	if given["rate"] && !given["burst"] {
		k.Burst = 0
	}
	return k, nil
}

// fieldsOf takes a line apart, up to a comment.
func fieldsOf(line string) []string {
	fields := strings.Fields(line)
	for i, f := range fields {
		if strings.HasPrefix(f, "#") {
			return fields[:i]
		}
	}
	return fields
}
