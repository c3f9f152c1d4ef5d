package dialect

// An Array is an answer in JSON, most of which is one array: it leaves as its
// elements are found, and nothing does before the first of them.
type Array struct {
	x       *Exchange
	stream  *Stream
	lead    string // what stands before the next element
	begun   bool
	element func(dst []byte) []byte
}

// Array begins an answer that is head, up to and with the bracket of the array,
// the elements that Add appends, and the tail of End.
func (x *Exchange) Array(head string) *Array {
	return &Array{x: x, stream: x.Stream("application/json"), lead: head}
}

// Add lets f append an element, a result. The error is that of the connection.
func (a *Array) Add(f func(dst []byte) []byte) error {
	a.x.Count(1)
	return a.Append(f)
}

// Append is Add of what is no result of its own.
func (a *Array) Append(f func(dst []byte) []byte) error {
	a.element = f
	return a.stream.Append(a.append)
}

func (a *Array) append(dst []byte) []byte {
	dst = append(dst, a.lead...)
	a.lead, a.begun = ",", true
	return a.element(dst)
}

// Then goes on to another array: text is what stands from the bracket that ends this
// one to the one that begins it.
func (a *Array) Then(text string) {
	if a.lead == "," {
		a.lead = ""
	}
	a.lead += text
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
			if a.lead != "," {
				dst = append(dst, a.lead...)
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
