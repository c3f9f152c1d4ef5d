package flex

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// globToRegex turns a glob of the whole text into a regular expression.
func globToRegex(glob string) (string, error) {
	var b strings.Builder
	b.WriteString("^")
	for rest := glob; rest != ""; {
		c := rest[0]
		rest = rest[1:]
		switch c {
		case '*':
			b.WriteString(".*")
		case '\\':
			if rest == "" {
				return "", errors.New(`glob: a \ at the end: want a character behind it`)
			}
			b.WriteString(regexp.QuoteMeta(rest[:1]))
			rest = rest[1:]
		case '[':
			class, behind, err := globClass(rest)
			if err != nil {
				return "", err
			}
			b.WriteString(class)
			rest = behind
		default:
			b.WriteString(regexp.QuoteMeta(string(c)))
		}
	}
	b.WriteString("$")
	return b.String(), nil
}

// globClass reads a class behind its [. As the first character ] stands for itself.
func globClass(s string) (class, behind string, err error) {
	not := ""
	if s != "" && (s[0] == '!' || s[0] == '^') {
		not, s = "^", s[1:]
	}
	end := strings.IndexByte(s[min(1, len(s)):], ']')
	if end < 0 {
		return "", "", fmt.Errorf("glob: [%s: want a ] at the end of a class", s)
	}
	end += min(1, len(s))
	var b strings.Builder
	for i := range end {
		if c := s[i]; c == '-' && i > 0 && i < end-1 {
			b.WriteByte('-')
		} else {
			b.WriteString(classQuoted(c))
		}
	}
	return "[" + not + b.String() + "]", s[end+1:], nil
}

// classQuoted is a character that stands for itself in a class.
func classQuoted(c byte) string {
	if strings.IndexByte(`\[]^-&~`, c) >= 0 {
		return `\` + string(c)
	}
	return string(c)
}
