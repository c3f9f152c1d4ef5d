package cof

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// times are the ends of a pair of times; nil: not there.
type times struct{ first, last *int64 }

// value reads one value, valid until the next is read.
func (d *Decoder) value() (jsontext.Value, error) {
	v, err := d.json.ReadValue()
	return v, syntaxError(err)
}

// syntaxError says where a line stops being JSON.
func syntaxError(err error) error {
	if err == nil {
		return nil
	}
	var at *jsontext.SyntacticError
	if errors.As(err, &at) {
		return fmt.Errorf("bad JSON at offset %d: %w", at.ByteOffset, at.Err)
	}
	return fmt.Errorf("bad JSON: %w", err)
}

// unquote returns a JSON string without quotes and escapes; it stays valid for
// the line.
func (d *Decoder) unquote(quoted []byte) []byte {
	n := len(d.text)
	// The string was read by the decoder, which refuses malformed ones.
	d.text, _ = jsontext.AppendUnquote(d.text, quoted)
	return d.text[n:len(d.text):len(d.text)]
}

// maxText is the longest name in presentation form, each octet an escape.
const maxText = 4 * 255

// readText reads what is no longer than a name.
func (d *Decoder) readText(key string, to *[]byte) error {
	err := d.readLongText(key, to)
	if err == nil && len(*to) > maxText {
		return fieldError(key, fmt.Errorf("%d characters, want at most %d", len(*to), maxText))
	}
	return err
}

// readLongText reads a string, or a number as it stands; null is not there.
func (d *Decoder) readLongText(key string, to *[]byte) error {
	v, err := d.value()
	if err != nil {
		return fieldError(key, err)
	}
	switch v.Kind() {
	case '"':
		*to = d.unquote(v)
	case '0':
		n := len(d.text)
		d.text = append(d.text, v...)
		*to = d.text[n:len(d.text):len(d.text)]
	case 'n':
	default:
		return fieldError(key, fmt.Errorf("%s, want a string", kindName(v)))
	}
	return nil
}

// readRdata reads one string, or an array of them.
func (d *Decoder) readRdata() error {
	if d.json.PeekKind() != '[' {
		var text []byte
		if err := d.readLongText(keyRdata, &text); err != nil || text == nil {
			return err
		}
		d.line.rdata = append(d.line.rdata, text)
		return nil
	}
	return d.readArray(keyRdata, func(v jsontext.Value) error {
		if v.Kind() != '"' {
			return fieldError(keyRdata, fmt.Errorf("%s in the array, want strings", kindName(v)))
		}
		d.line.rdata = append(d.line.rdata, d.unquote(v))
		return nil
	})
}

// readSources takes the names that it knows: the key is not of the draft, and
// others may mean something else by it.
func (d *Decoder) readSources() error {
	if d.json.PeekKind() != '[' {
		return syntaxError(d.json.SkipValue())
	}
	return d.readArray(keySources, func(v jsontext.Value) error {
		for _, s := range sources {
			if v.Kind() == '"' && string(d.unquote(v)) == s.name {
				d.line.sources |= s.mark
			}
		}
		return nil
	})
}

// readNote refuses a line with a note, the mark of what is not whole.
func (d *Decoder) readNote() error {
	var note []byte
	if err := d.readLongText(keyNote, &note); err != nil || note == nil {
		return err
	}
	return fieldError(keyNote, fmt.Errorf("%q: an excerpt of the query zone, want all of it, from pdns export or pdns lookup --json", note))
}

// readArray calls item with each value of an array.
func (d *Decoder) readArray(key string, item func(jsontext.Value) error) error {
	_, err := d.json.ReadToken()
	for err == nil && d.json.PeekKind() != ']' {
		var v jsontext.Value
		if v, err = d.json.ReadValue(); err != nil {
			break
		}
		if err := item(v); err != nil {
			return err
		}
	}
	if err == nil {
		_, err = d.json.ReadToken()
	}
	if err != nil {
		return fieldError(key, syntaxError(err))
	}
	return nil
}

func (d *Decoder) readBool(key string, to *bool) error {
	v, err := d.value()
	if err != nil {
		return fieldError(key, err)
	}
	switch v.Kind() {
	case 't', 'f', 'n':
		*to = v.Kind() == 't'
		return nil
	}
	return fieldError(key, fmt.Errorf("%s, want true or false", kindName(v)))
}

// readNumber reads a whole number up to most, given as a number or in a string;
// null is not there.
func (d *Decoder) readNumber(key string, most uint64, set func(uint64)) error {
	var text []byte
	if err := d.readText(key, &text); err != nil || text == nil {
		return err
	}
	n, err := parseWhole(text)
	if err != nil || n > most {
		return fieldError(key, fmt.Errorf("%q, want a whole number from 0 to %d", text, most))
	}
	set(n)
	return nil
}

// parseWhole also takes whole numbers as 1.0 and 1e3, which some languages
// write.
func parseWhole(text []byte) (uint64, error) {
	if n, err := strconv.ParseUint(string(text), 10, 64); err == nil {
		return n, nil
	}
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil || f != math.Trunc(f) || f < 0 || f > 1<<53 {
		return 0, strconv.ErrSyntax
	}
	return uint64(f), nil
}

func (d *Decoder) readTTL(key string, to **uint32) error {
	return d.readNumber(key, math.MaxUint32, func(n uint64) {
		ttl := uint32(n)
		*to = &ttl
	})
}

// readTime reads a time; null is not there.
func (d *Decoder) readTime(key string, to **int64) error {
	var text []byte
	if err := d.readText(key, &text); err != nil || text == nil {
		return err
	}
	t, ok := parseTime(text)
	if !ok {
		return fieldError(key, fmt.Errorf("%q, want Unix seconds or 2019-08-01T10:00:00Z", text))
	}
	*to = &t
	return nil
}

// maxTime is the last second of the year 9999. Milliseconds, a common mistake,
// lie beyond it.
const maxTime = 253402300799

// layouts of times in text; those without a zone are UTC.
var layouts = []string{time.RFC3339, time.DateTime, "2006-01-02T15:04:05", time.DateOnly}

func parseTime(text []byte) (int64, bool) {
	if !bytes.ContainsAny(text, ":-") {
		f, err := strconv.ParseFloat(string(text), 64)
		return int64(f), err == nil && f >= 0 && f <= maxTime
	}
	for _, layout := range layouts {
		if t, err := time.Parse(layout, string(text)); err == nil {
			return t.Unix(), t.Unix() >= 0
		}
	}
	return 0, false
}

func kindName(v jsontext.Value) string {
	switch v.Kind() {
	case '"':
		return "a string"
	case '0':
		return "a number"
	case '{':
		return "an object"
	case '[':
		return "an array"
	}
	return string(v)
}
