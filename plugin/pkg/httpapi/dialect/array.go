package dialect

// An Array is an answer in JSON, most of which is one array: it leaves as its
// elements are found, and nothing does before the first of them.
type Array struct {
	stream  *Stream
	head    string
	begun   bool
	element func(dst []byte) []byte
}

// Array begins an answer that is head, up to and with the bracket of the array,
// the elements that Add appends, and the tail of End.
func (x *Exchange) Array(head string) *Array {
	return &Array{stream: x.Stream("application/json"), head: head}
}

// Add lets f append an element. The error is that of the connection.
func (a *Array) Add(f func(dst []byte) []byte) error {
	a.element = f
	return a.stream.Append(a.append)
}

func (a *Array) append(dst []byte) []byte {
	if a.begun {
		dst = append(dst, ',')
	} else {
		dst = append(dst, a.head...)
	}
	a.begun = true
	return a.element(dst)
}

// End appends what follows the elements, unless the search for them has failed:
// then it returns that error, and what has left stays without an end, so that
// nobody takes it for the whole.
func (a *Array) End(failed error, tail func(dst []byte) []byte) error {
	if failed != nil && !a.begun {
		return failed
	}
	if failed == nil {
		if err := a.stream.Append(func(dst []byte) []byte {
			if !a.begun {
				dst = append(dst, a.head...)
			}
			return tail(dst)
		}); err != nil {
			return err
		}
	}
	if err := a.stream.Close(); err != nil {
		return err
	}
	return failed
}
