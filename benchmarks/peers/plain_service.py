"""A service written in ten minutes: FastAPI, scikit-learn, a prediction a request. Peer of serving_load.py."""

from fastapi import FastAPI
from pydantic import BaseModel
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from sentiment.corpora import load_corpus


class Request(BaseModel):
    texts: list[str]


def create_app() -> FastAPI:
    """Trains on the corpus that comes along and returns the service."""
    corpus = load_corpus("emoji")
    texts, labels = corpus.split("train")
    model = make_pipeline(TfidfVectorizer(), LogisticRegression())
    model.fit(texts, [corpus.label_names[label] for label in labels])
    app = FastAPI()

    @app.get("/readyz")
    async def readyz() -> str:
        return "ready"

    @app.post("/v1/predict")
    async def predict(request: Request):  # `async`: without it each request costs a change of threads
        rows = model.predict_proba(request.texts)
        return {
            "predictions": [
                {"label": model.classes_[row.argmax()], "probabilities": dict(zip(model.classes_, row, strict=True))}
                for row in rows
            ]
        }

    return app
