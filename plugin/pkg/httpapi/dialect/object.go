package dialect

// Object answers with one object that write appends, and a line end. How many results
// it holds is for the caller to Count.
func (x *Exchange) Object(write func(dst []byte) []byte) error {
	s := x.Stream("application/json")
	if err := s.Append(func(dst []byte) []byte { return append(write(dst), '\n') }); err != nil {
		return err
	}
	return s.Close()
}
