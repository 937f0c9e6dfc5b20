"""Finding things by words and, where a server for embeddings is set, by meaning.

find           a whole search, and its entry
meanings       runs by how near their vectors are to a question's
embedding      texts to vectors, by a server that speaks as OpenAI's does
"""
