package question

import (
	"errors"
	"strconv"
	"strings"
)

// ErrAncestor is matched by errors about a name that is no question itself, while
// names below it can be: _json has no subject yet, 2.1._rdata is the end of an
// address. Any other error of Parse is as true of every name below.
var ErrAncestor = errors.New("no question, but below it there can be")

// ancestorError is an error that matches ErrAncestor and does not say so.
type ancestorError struct{ error }

func (ancestorError) Is(target error) bool { return target == ErrAncestor }

func ancestor(err error) error {
	if err == nil {
		return nil
	}
	return ancestorError{err}
}

const maxErrorText = 200

// clipError bounds the text of an error to what Parse promises.
func clipError(err error) error {
	text := err.Error()
	if len(text) <= maxErrorText {
		return err
	}
	clipped := errors.New(strings.ToValidUTF8(text[:maxErrorText-3], "") + "...")
	if errors.Is(err, ErrAncestor) {
		return ancestor(clipped)
	}
	return clipped
}

// show quotes a label or text for an error, shortened: what was expected
// matters more.
func show[T string | []byte](label T) string {
	const most = 28
	if len(label) > most {
		return strconv.Quote(string(label[:most]) + "...")
	}
	return strconv.Quote(string(label))
}
