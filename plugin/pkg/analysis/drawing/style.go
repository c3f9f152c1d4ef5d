package drawing

import _ "embed"

// pictureStyle is the style of a picture, by day and by night. Its colours have the
// contrast that WCAG 2.1 wants at level AA; kinds differ in their dashes too, for
// those to whom colours look alike.
//
//go:embed picture.css
var pictureStyle string
