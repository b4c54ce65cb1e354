"""The numbers behind the pictures: computed here, drawn in `gradcheck.rendering.pictures`."""
